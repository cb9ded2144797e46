// SPDX-License-Identifier: Apache-2.0
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { CopyButton } from '../../components/CopyButton';
import { formatBytes } from '../../lib/format';
import { sqlDialectOf, tokenizeSql } from '../../model/sql-text';

interface SqlBlockProps {
  readonly text: string;
  /** Database system by OpenTelemetry's names, '' when unknown. */
  readonly system: string;
}

/** Longer texts are shown as they are: formatting them would hold up the page. */
const longestFormatted = 20_000;
const longestShown = 100_000;

export function SqlBlock({ text, system }: SqlBlockProps) {
  const dialect = sqlDialectOf(system);
  const [wantsRaw, setWantsRaw] = useState(false);
  const formatted = useQuery({
    queryKey: ['sql', dialect, text],
    queryFn: async () => (await import('./sql-format')).formatSql(text, dialect as NonNullable<typeof dialect>),
    enabled: dialect !== null && text.length <= longestFormatted,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });
  const shown = wantsRaw ? text : (formatted.data ?? text);
  const tokens = useMemo(() => {
    const cut = shown.slice(0, longestShown);
    return dialect === null ? [{ kind: 'other' as const, text: cut }] : tokenizeSql(cut);
  }, [shown, dialect]);
  return (
    <section>
      <h3>
        Query
        <span className="h3-actions">
          {formatted.data !== undefined && formatted.data !== text && (
            <button type="button" className="link-button" onClick={() => setWantsRaw(!wantsRaw)}>
              {wantsRaw ? 'formatted' : 'as sent'}
            </button>
          )}
          <CopyButton text={shown} what="the query" label="copy" />
        </span>
      </h3>
      <pre className="sql well mono" tabIndex={0} data-testid="sql-block">
        {tokens.map(({ kind, text: part }, index) =>
          kind === 'space' || kind === 'name' || kind === 'other' ? (
            part
          ) : (
            // biome-ignore lint/suspicious/noArrayIndexKey: the tokens of one text never move
            <span key={index} className={`sql-${kind}`}>
              {part}
            </span>
          ),
        )}
      </pre>
      {shown.length > longestShown && (
        <p className="faint">
          The first {formatBytes(longestShown)} of {formatBytes(shown.length)}; copying takes all of it.
        </p>
      )}
    </section>
  );
}

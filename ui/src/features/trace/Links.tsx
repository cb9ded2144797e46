// SPDX-License-Identifier: Apache-2.0
import { Link } from '../../components/Link';
import type { SpanLink, Trace } from '../../model/trace';

interface LinksProps {
  readonly trace: Trace;
  readonly links: readonly SpanLink[];
  /** Selects a span of this trace. */
  readonly onOpen: (spanId: string) => void;
}

const mostShown = 100;

export function Links({ trace, links, onOpen }: LinksProps) {
  return (
    <section data-testid="links">
      <h3>Links · {links.length}</h3>
      <ul className="calls">
        {links.slice(0, mostShown).map((link, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two links may name the same span
          <li key={index}>
            {link.traceId === trace.traceId ? (
              <button type="button" className="link-button" onClick={() => onOpen(link.spanId)}>
                span <code>{link.spanId}</code> of this trace
              </button>
            ) : (
              <Link path={`/trace/${link.traceId}`} query={new URLSearchParams({ uiFind: link.spanId }).toString()}>
                trace <code>{link.traceId.slice(0, 16)}</code>, span <code>{link.spanId}</code>
              </Link>
            )}
            {link.attributes.map(({ key, value }) => (
              <span key={key} className="tag">
                {key} {value.slice(0, 40)}
              </span>
            ))}
          </li>
        ))}
      </ul>
    </section>
  );
}

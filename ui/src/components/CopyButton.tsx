// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from 'react';
import { Icon } from './Icon';

interface CopyButtonProps {
  readonly text: string;
  /** What is copied, for the tip: "Copy <what>". */
  readonly what: string;
  readonly label?: string;
}

async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Pages served over plain HTTP from another host have no clipboard API.
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}

/** Says that it worked in its own place: the mark becomes a tick for a moment. */
export function CopyButton({ text, what, label }: CopyButtonProps) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setDone(false), 1500);
    return () => clearTimeout(timer);
  }, [done]);
  return (
    <button
      type="button"
      className="copy"
      title={`Copy ${what}`}
      aria-label={`Copy ${what}`}
      onClick={(event) => {
        event.stopPropagation();
        copyText(text).then(
          () => setDone(true),
          (error: unknown) => console.warn(`cannot copy ${what}:`, error),
        );
      }}
    >
      {label ? done ? 'copied' : label : <Icon name={done ? 'check' : 'copy'} />}
    </button>
  );
}

// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef } from 'react';
import { isTyping } from '../lib/keys';
import { serverVersion } from '../state/config';

const keys: readonly (readonly [keys: string, does: string])[] = [
  ['j k  ↑ ↓', 'next and previous row'],
  ['← →', 'fold and unfold, or go to the parent'],
  ['Enter', 'details of the row'],
  ['Esc', 'close the details'],
  ['/', 'find in the trace'],
  ['n p', 'next and previous match'],
  ['z', 'zoom to the span'],
  ['0', 'whole trace'],
  ['c', 'critical path'],
  ['g', 'group equal siblings'],
  ['Ctrl K', 'jump to a trace id or service'],
  ['?', 'this list'],
];

export function Help() {
  const version = serverVersion();
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === '?' && !isTyping(event)) panel.current?.togglePopover();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
  return (
    <>
      <button type="button" className="nav" popoverTarget="help" title="Keys" aria-label="Keys and help">
        ?
      </button>
      <div ref={panel} id="help" popover="auto" className="help popover" data-testid="help">
        <h2>Keys</h2>
        <dl>
          {keys.map(([combination, does]) => (
            <div key={combination}>
              <dt>
                {combination
                  .split(/ (?=\S)|\s{2}/)
                  .filter(Boolean)
                  .map((key) => (
                    <kbd key={key}>{key}</kbd>
                  ))}
              </dt>
              <dd>{does}</dd>
            </div>
          ))}
        </dl>
        <p className="muted">
          Drag in the ruler or the overview to zoom. The address of a page holds all of its state: send it to a
          colleague.
        </p>
        {version !== '' && <p className="faint">Skua {version}</p>}
      </div>
    </>
  );
}

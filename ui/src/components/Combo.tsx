// SPDX-License-Identifier: Apache-2.0
// A chip whose value is typed or chosen, after the combobox pattern of the ARIA guides: focus stays in the field, the marked option
// is named by aria-activedescendant. Text that is no option is accepted too: the list may be older than the data.
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react';
import { Icon } from './Icon';

interface ComboProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly string[];
  readonly placeholder: string;
  /** '' when the field was emptied. */
  readonly onChoose: (value: string) => void;
  readonly testId: string;
}

/** More than fit a list anybody reads; typing narrows it. */
const mostShown = 200;

function matching(options: readonly string[], typed: string): readonly string[] {
  const wanted = typed.trim().toLowerCase();
  const found: string[] = [];
  for (const option of options) {
    if (option.toLowerCase().includes(wanted) && found.push(option) === mostShown) break;
  }
  return found;
}

export function Combo({ label, value, options, placeholder, onChoose, testId }: ComboProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [typed, setTyped] = useState(value);
  const [open, setOpen] = useState(false);
  const [narrowing, setNarrowing] = useState(false);
  const [marked, setMarked] = useState(-1);
  const shown = useMemo(() => matching(options, narrowing ? typed : ''), [options, typed, narrowing]);

  useEffect(() => setTyped(value), [value]);
  useEffect(() => {
    list.current?.children[marked]?.scrollIntoView({ block: 'nearest' });
  }, [marked]);

  const close = () => {
    setOpen(false);
    setNarrowing(false);
    setMarked(-1);
  };
  const choose = (next: string) => {
    close();
    setTyped(next);
    if (next !== value) onChoose(next);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setOpen(true);
      const step = event.key === 'ArrowDown' ? 1 : -1;
      setMarked((now) =>
        shown.length === 0 ? -1 : (Math.max(now, step < 0 ? 0 : -1) + step + shown.length) % shown.length,
      );
    } else if (event.key === 'Enter' && (open || typed !== value)) {
      event.preventDefault();
      choose(marked >= 0 ? shown[marked] : typed.trim());
    } else if (event.key === 'Escape' && open) {
      event.preventDefault();
      setTyped(value);
      close();
    }
  };

  return (
    <span className={`chip combo${value ? ' set' : ''}`}>
      <label className="chip-key" htmlFor={`${id}-input`}>
        {label}
      </label>
      <span className="chip-op">is</span>
      <input
        ref={input}
        id={`${id}-input`}
        className="chip-input"
        role="combobox"
        aria-expanded={open}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={open && marked >= 0 ? `${id}-${marked}` : undefined}
        autoComplete="off"
        spellCheck={false}
        placeholder={placeholder}
        data-testid={testId}
        size={Math.max(5, Math.min(32, (typed || placeholder).length))}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setNarrowing(true);
          setOpen(true);
          setMarked(-1);
        }}
        onMouseDown={() => setOpen(true)}
        onKeyDown={onKeyDown}
        onBlur={() => choose(typed.trim())}
      />
      <button
        type="button"
        className="chip-x"
        tabIndex={-1}
        title={value ? `Any ${label}` : `Show every ${label}`}
        aria-label={value ? `Any ${label}` : `Show every ${label}`}
        onMouseDown={(event) => event.preventDefault()}
        onClick={() => {
          if (value) return choose('');
          input.current?.focus();
          setOpen(!open);
        }}
      >
        <Icon name={value ? 'close' : 'down'} />
      </button>
      <div className="popover combo-list" id={`${id}-list`} role="listbox" aria-label={label} ref={list} hidden={!open}>
        {open &&
          shown.map((name, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: keys go to the field, which names the marked option
            <div
              key={name}
              id={`${id}-${index}`}
              role="option"
              aria-selected={name === value}
              className={`option${index === marked ? ' marked' : ''}`}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => choose(name)}
            >
              {name}
            </div>
          ))}
        {open && shown.length === 0 && (
          <div role="option" aria-selected={false} aria-disabled="true" tabIndex={-1} className="faint combo-empty">
            {options.length === 0 ? 'none known yet' : 'nothing by that name'}
          </div>
        )}
      </div>
    </span>
  );
}

// SPDX-License-Identifier: Apache-2.0
import { useState } from 'react';
import { Icon } from '../../components/Icon';
import { looksLikeTraceId, parseTraceId } from '../../lib/ids';
import { navigate } from '../../state/router';
import { parsePair } from './params';

interface AttributeChipsProps {
  readonly attributes: Readonly<Record<string, string>>;
  readonly onChange: (attributes: Readonly<Record<string, string>>) => void;
}

/** Chips and the field that makes them. Backspace in the empty field takes the last one back for editing. */
export function AttributeChips({ attributes, onChange }: AttributeChipsProps) {
  const [typed, setTyped] = useState('');
  const [complaint, setComplaint] = useState('');
  const without = (key: string) => Object.fromEntries(Object.entries(attributes).filter(([name]) => name !== key));

  const accept = (text: string): boolean => {
    const traceId = looksLikeTraceId(text) ? parseTraceId(text) : null;
    if (traceId) {
      navigate(`/trace/${traceId}`);
      return true;
    }
    const pair = parsePair(text);
    if (!pair) {
      setComplaint('want key=value, or a trace id');
      return false;
    }
    setTyped('');
    onChange({ ...attributes, [pair[0]]: pair[1] });
    return true;
  };

  return (
    <>
      {Object.entries(attributes).map(([key, value]) => (
        <span className="chip set" key={key} data-testid="attribute-chip">
          <span className="chip-key">{key}</span>
          <span className="chip-op">is</span>
          <b className="chip-value">{value}</b>
          <button
            type="button"
            className="chip-x"
            title="Remove"
            aria-label={`Remove ${key}`}
            onClick={() => onChange(without(key))}
          >
            <Icon name="close" />
          </button>
        </span>
      ))}
      <span className={`chip-new${complaint ? ' bad' : ''}`}>
        <input
          value={typed}
          placeholder="add key=value, or paste a trace id…"
          aria-label="Add an attribute as key=value, or paste a trace id"
          aria-invalid={complaint !== ''}
          data-testid="add-attribute"
          spellCheck={false}
          onChange={(event) => {
            setTyped(event.target.value);
            setComplaint('');
          }}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && typed.trim() !== '') {
              event.preventDefault();
              accept(typed);
            } else if (event.key === 'Backspace' && typed === '') {
              const last = Object.entries(attributes).at(-1);
              if (!last) return;
              event.preventDefault();
              setTyped(`${last[0]}=${last[1]}`);
              onChange(without(last[0]));
            }
          }}
          onPaste={(event) => {
            const text = event.clipboardData.getData('text');
            if (looksLikeTraceId(text) && accept(text)) event.preventDefault();
          }}
        />
        {complaint && <span className="chip-complaint">{complaint}</span>}
      </span>
    </>
  );
}

// SPDX-License-Identifier: Apache-2.0
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { fetchServices } from '../api/services';
import { looksLikeTraceId, parseTraceId } from '../lib/ids';
import { navigate } from '../state/router';

const isMac = navigator.platform.startsWith('Mac');
const listId = 'jump-services';

function serviceMeant(text: string, services: readonly string[]): string | null {
  const wanted = text.toLowerCase();
  const exact = services.find((name) => name.toLowerCase() === wanted);
  if (exact) return exact;
  const starting = services.filter((name) => name.toLowerCase().startsWith(wanted));
  return starting.length === 1 ? starting[0] : null;
}

export function JumpBox() {
  const input = useRef<HTMLInputElement>(null);
  const [complaint, setComplaint] = useState('');
  const services = useQuery({
    queryKey: ['services'],
    queryFn: ({ signal }) => fetchServices(signal),
    staleTime: 30_000,
  });

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.metaKey || event.ctrlKey)) return;
      event.preventDefault();
      input.current?.focus();
      input.current?.select();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);

  const jump = (text: string) => {
    const trimmed = text.trim();
    if (trimmed === '' || !input.current) return;
    const service = serviceMeant(trimmed, services.data ?? []);
    const traceId = looksLikeTraceId(trimmed) ? parseTraceId(trimmed) : null;
    if (traceId) navigate(`/trace/${traceId}`);
    else if (service) navigate('/search', new URLSearchParams({ service }).toString());
    else return setComplaint(`"${trimmed.slice(0, 40)}" is neither a trace id nor a service`);
    input.current.value = '';
    input.current.blur();
  };

  return (
    <form
      className="jump"
      data-testid="jump"
      onSubmit={(event) => {
        event.preventDefault();
        jump(input.current?.value ?? '');
      }}
    >
      <input
        ref={input}
        list={listId}
        placeholder="Jump to trace id or service…"
        aria-label="Jump to a trace id or a service"
        aria-describedby={complaint ? 'jump-complaint' : undefined}
        spellCheck={false}
        autoComplete="off"
        onChange={() => setComplaint('')}
        onBlur={() => setComplaint('')}
        onPaste={(event) => {
          const text = event.clipboardData.getData('text');
          if (!looksLikeTraceId(text)) return;
          event.preventDefault();
          jump(text);
        }}
      />
      <datalist id={listId}>
        {services.data?.slice(0, 200).map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <kbd>{isMac ? '⌘K' : 'Ctrl K'}</kbd>
      {complaint && (
        <div className="popover jump-complaint" id="jump-complaint" role="status">
          {complaint}
        </div>
      )}
    </form>
  );
}

// SPDX-License-Identifier: Apache-2.0
import type { MouseEvent, ReactNode } from 'react';
import { hrefOf, navigate } from '../state/router';

interface LinkProps {
  readonly path: string;
  readonly query?: string;
  readonly className?: string;
  readonly title?: string;
  readonly current?: boolean;
  readonly children: ReactNode;
}

/** True when the browser itself should act: new tab, new window, download. */
export function wantsBrowser(event: MouseEvent): boolean {
  return event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
}

export function Link({ path, query, className, title, current, children }: LinkProps) {
  return (
    <a
      href={hrefOf(path, query)}
      className={className}
      title={title}
      aria-current={current ? 'page' : undefined}
      onClick={(event) => {
        if (wantsBrowser(event)) return;
        event.preventDefault();
        event.stopPropagation();
        navigate(path, query);
      }}
    >
      {children}
    </a>
  );
}

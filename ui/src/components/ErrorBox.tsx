// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from 'react';

interface ErrorBoxProps {
  /** What failed: "Cannot load the trace". */
  readonly what: string;
  readonly why: string;
  /** What to do. */
  readonly advice: ReactNode;
  readonly retry?: () => void;
}

export function ErrorBox({ what, why, advice, retry }: ErrorBoxProps) {
  return (
    <div className="panel notice notice-error" role="alert" data-testid="error">
      <b>{what}</b>
      <p>{why}</p>
      <p className="muted">{advice}</p>
      {retry && (
        <button type="button" className="btn" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

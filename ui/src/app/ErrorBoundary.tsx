// SPDX-License-Identifier: Apache-2.0
import { Component, type ReactNode } from 'react';
import { ErrorBox } from '../components/ErrorBox';

interface State {
  readonly error: Error | null;
}

/** A fault of ours shows itself in place of the page, with a way on; the bar above stays. */
export class ErrorBoundary extends Component<{ readonly children: ReactNode }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: unknown): State {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render() {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <div className="page-pad">
        <ErrorBox
          what="This page failed to draw"
          why={error.message}
          advice="Loading it again usually helps, also after the server was updated. If it does not, please report the text above and the address."
          retry={() => location.reload()}
        />
      </div>
    );
  }
}

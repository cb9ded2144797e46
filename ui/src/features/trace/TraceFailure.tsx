// SPDX-License-Identifier: Apache-2.0
import { ApiError } from '../../api/errors';
import { ErrorBox } from '../../components/ErrorBox';
import { Link } from '../../components/Link';

interface TraceFailureProps {
  readonly traceId: string;
  readonly error: Error;
  readonly retry: () => void;
}

export function TraceFailure({ traceId, error, retry }: TraceFailureProps) {
  const missing = error instanceof ApiError && error.status === 404;
  return (
    <div className="page-pad">
      <ErrorBox
        what={missing ? `Trace ${traceId} is not here` : `Cannot load trace ${traceId}`}
        why={error.message}
        advice={
          missing ? (
            <>
              It may have been deleted after its retention, sent to another server, or not have arrived yet.{' '}
              <Link path="/search">Search the newest traces</Link>
            </>
          ) : (
            'Check that the server still runs and can be reached from here; its log says more.'
          )
        }
        retry={retry}
      />
    </div>
  );
}

// SPDX-License-Identifier: Apache-2.0
import { ApiError } from '../../api/errors';
import { ErrorBox } from '../../components/ErrorBox';

function adviceOn(error: Error): string {
  if (!(error instanceof ApiError)) return 'Loading the page again may help.';
  if (error.kind === 'network')
    return 'Check that the server still runs and can be reached from here; it is asked again when you try.';
  if (error.kind === 'format')
    return 'A proxy may have answered in its place; check what stands between this page and the server.';
  if (error.status >= 400 && error.status < 500)
    return 'Change the condition it names, or remove conditions one by one.';
  return 'The log of the server says more.';
}

export function SearchFailure({ error, retry }: { readonly error: Error; readonly retry: () => void }) {
  return <ErrorBox what="Cannot search" why={error.message} advice={adviceOn(error)} retry={retry} />;
}

// SPDX-License-Identifier: Apache-2.0
import { Link } from '../components/Link';

/** Old links point to pages of other programs too; a comparison names traces that can be opened one by one. */
export function NotFound({ path }: { readonly path: string }) {
  const ids = /^\/trace\/([^/]*)$/.exec(path)?.[1].split('...').filter(Boolean) ?? [];
  return (
    <div className="page-pad">
      <div className="panel notice" data-testid="not-found">
        <b>There is no page at {path}</b>
        {ids.length > 0 ? (
          <p>
            Comparing is not available here. The traces one by one:{' '}
            {ids.map((id) => (
              <Link key={id} path={`/trace/${id}`} className="link-gap">
                <code>{id}</code>
              </Link>
            ))}
          </p>
        ) : (
          <p>
            Go to <Link path="/search">Search</Link>.
          </p>
        )}
      </div>
    </div>
  );
}

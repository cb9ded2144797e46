// SPDX-License-Identifier: Apache-2.0
import { Icon } from '../components/Icon';
import { Link } from '../components/Link';
import { zoneName } from '../model/time';
import { setTheme, setZone, type Theme, useTheme, useZone } from '../state/prefs';
import { usePlace } from '../state/router';
import { Help } from './Help';
import { JumpBox } from './JumpBox';

const nextTheme: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' };

export function TopBar() {
  const { path } = usePlace();
  const theme = useTheme();
  const zone = useZone();
  return (
    <header className="bar">
      <Link path="/search" className="logo" title="Skua">
        <svg viewBox="0 0 20 20" aria-hidden="true">
          <path d="M1 12c4-1 6-4 9-8 1 3 4 5 9 5-4 2-6 3-8 6-2-2-5-3-10-3z" />
        </svg>
        <span>Skua</span>
      </Link>
      <nav aria-label="Pages">
        <Link path="/search" className="nav" current={/^\/(?:search|trace)/.test(path)}>
          Search
        </Link>
      </nav>
      <span className="grow" />
      <JumpBox />
      <button
        type="button"
        className="nav"
        title={`Times are shown in ${zone === 'utc' ? 'UTC' : 'the zone of this computer'}; click to change`}
        onClick={() => setZone(zone === 'utc' ? 'local' : 'utc')}
        data-testid="zone"
      >
        {zoneName(zone)}
        {zone === 'local' && <span className="narrow-hide">&nbsp;(local)</span>}
      </button>
      <button
        type="button"
        className="nav"
        title={`Theme: ${theme}; click for ${nextTheme[theme]}`}
        aria-label={`Theme: ${theme}`}
        onClick={() => setTheme(nextTheme[theme])}
        data-testid="theme"
      >
        <Icon name="theme" />
        {theme !== 'system' && <span className="narrow-hide">&nbsp;{theme}</span>}
      </button>
      <Help />
    </header>
  );
}

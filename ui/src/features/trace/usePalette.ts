// SPDX-License-Identifier: Apache-2.0
import { useMemo } from 'react';
import { type Palette, readPalette } from '../../canvas/surface';
import type { Trace } from '../../model/trace';
import { useShownTheme } from '../../state/prefs';
import { servicePaint } from '../../state/service-colors';

/** Changes with the theme, so what is drawn with it is drawn again. */
export function usePalette(trace: Trace): Palette {
  const theme = useShownTheme();
  return useMemo(() => {
    void theme;
    return readPalette((lightness, chroma) => trace.painters.map((name) => servicePaint(name, lightness, chroma)));
  }, [theme, trace]);
}

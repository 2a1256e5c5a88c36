import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import type { InlineConfig } from 'vite';

/**
 * How the web app becomes files. Nothing is written into the page itself (no inline scripts, fonts or images as data),
 * so that the strict content security policy holds.
 */
export function viteConfig(outDir: string): InlineConfig {
  return {
    configFile: false,
    root: fileURLToPath(new URL('.', import.meta.url)),
    base: '/',
    logLevel: 'warn',
    plugins: [react()],
    build: {
      outDir,
      emptyOutDir: true,
      assetsInlineLimit: 0,
      target: 'es2022',
      manifest: 'manifest.json',
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      chunkSizeWarningLimit: 1000,
      rolldownOptions: { treeshake: { moduleSideEffects: hasSideEffects } },
    },
  };
}

/** The components of the design system do nothing by being imported, though their package does not say so: what is not used stays out. */
function hasSideEffects(id: string): boolean {
  return !/designsystemet-react|aksel-icons|@floating-ui|@radix-ui/.test(id);
}

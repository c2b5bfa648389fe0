import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'
import { apiSchema } from './scripts/api-schema.mjs'
import { firstPicture } from './scripts/first-picture.mjs'
import { leftOut } from './scripts/left-out.mjs'

export default defineConfig({
  // Relative URLs: the same dist works at a domain's root, in a sub-folder and inside an <iframe>.
  base: './',
  plugins: [react(), tailwindcss(), firstPicture(), leftOut(), apiSchema()],
  build: {
    target: 'es2023',
    manifest: true, // scripts/size.mjs reads which chunks the first page needs
    sourcemap: true,
  },
  worker: { format: 'es', plugins: () => [firstPicture()] },
  server: { port: 5173 },
  test: {
    environment: 'node', // whatever needs a DOM is tested in a real browser, see e2e/
    include: ['src/**/*.test.{ts,tsx}', 'scripts/**/*.test.ts'],
    testTimeout: 180_000, hookTimeout: 180_000,
    pool: 'threads',
    maxWorkers: 2,
  },
})

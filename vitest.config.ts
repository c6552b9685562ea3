import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    // Of test/chaos the quick part only: see vitest.long.config.ts.
    exclude: ['node_modules/**', 'build/**', 'test/long/**', 'test/chaos/!(smoke).test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})

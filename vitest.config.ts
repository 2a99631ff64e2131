import { defineConfig } from "vitest/config";
import { DealingSequencer } from "./test/support/sequencer.ts";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/global-setup.ts"],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // More than there are cores: half of them wait.
    maxWorkers: 5,
    sequence: { sequencer: DealingSequencer },
  },
});

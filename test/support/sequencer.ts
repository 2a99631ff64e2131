import { BaseSequencer, type TestSpecification } from "vitest/node";

/** These mostly wait: for a probation, a tick, a browser. The others mostly compute. */
const waits = /\/test\/(e2e|cli|web|workers)\//;

/**
 * Deals those that wait evenly among those that compute, the longest files of each first: left to themselves the large files come first and
 * keep the processor busy, and the small ones with the long waits are left for the end, when it has nothing to do.
 */
export class DealingSequencer extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const waiting = sorted.filter(({ moduleId }) => waits.test(moduleId));
    const computing = sorted.filter((file) => !waiting.includes(file));
    const placed = [waiting, computing].flatMap((group) =>
      group.map((file, i) => ({ file, at: (i + 0.5) / group.length })),
    );
    return placed.sort((a, b) => a.at - b.at).map(({ file }) => file);
  }
}

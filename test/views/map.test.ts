import { describe, expect, it } from "vitest";
import { mapView } from "../../src/views/map.ts";
import { mapMermaid } from "../../src/views/map-mermaid.ts";
import { mapTree } from "../../src/views/map-tree.ts";
import { loadRealText } from "../config/load.ts";

const plain = { width: 80, colour: false };
const worker = (more = "") => `{ kind: process, run: [sleep, "9"]${more} }`;

describe("the map", () => {
  it("has what needs, produces and heals whom, each tie once", async () => {
    const view = mapView(
      await loadRealText(`
node: n1
targets:
  engine: ${worker()}
  weights: { kind: file, path: w.json, maxAge: 1h, producer: engine, needs: [engine] }
  page: { kind: http, url: "http://127.0.0.1:9/", target: engine }
  other: ${worker(", heal: [restart, { target: engine }, { target: engine }]")}
`),
    );
    expect(view.targets[1]).toEqual({ id: "weights", kind: "file", nodes: ["n1"], critical: false });
    expect(view.links).toEqual([
      { from: "weights", to: "engine", type: "needs" },
      { from: "weights", to: "engine", type: "producer" },
      { from: "page", to: "engine", type: "target" },
      { from: "other", to: "engine", type: "target" },
    ]);
  });

  it("is a tree in which what several need is drawn once, and the untied stand at the end", async () => {
    const view = mapView(
      await loadRealText(`
node: n1
targets:
  base: ${worker()}
  engine: ${worker(", needs: [base]")}
  a: ${worker(", needs: [engine]")}
  b: ${worker(', needs: [engine, base], "on": [n2]')}
  weights: { kind: file, path: w.json, maxAge: 1h, producer: engine, needs: [engine] }
  lonely: { kind: file, path: x }
`),
    );
    expect(mapTree(view, plain)).toBe(`a  process
└─ needs engine  process
   └─ needs base  process
b  process on n2
├─ needs engine  process  (drawn above)
└─ needs base  process
weights  file
└─ needs, produced by engine  process  (drawn above)

tied to nothing: lonely (file)
`);
    expect(mapTree({ ...view, targets: [], links: [] }, plain)).toBe("no targets\n");
  });

  it("draws circles of different ties, and chains of any length in trees of bounded depth", () => {
    const targets = Array.from({ length: 3_000 }, (_, n) => ({
      id: `t${n}`,
      kind: "process",
      nodes: "any" as const,
      critical: false,
    }));
    const links = targets.slice(1).map(({ id }, n) => ({ from: `t${n}`, to: id, type: "needs" as const }));
    const chain = mapTree({ node: "n1", targets, links }, plain);
    expect(chain.length).toBeLessThan(300_000);
    for (const { id } of targets) expect(chain).toMatch(new RegExp(`(^|needs )${id} `, "m"));
    const circle = [
      { from: "t0", to: "t1", type: "needs" as const },
      { from: "t1", to: "t0", type: "producer" as const },
    ];
    expect(mapTree({ node: "n1", targets: targets.slice(0, 2), links: circle }, plain)).toBe(
      "t0  process\n└─ needs t1  process\n   └─ produced by t0  process  (drawn above)\n",
    );
  });

  it("is a Mermaid flowchart in which no id can be taken for a word of Mermaid's", async () => {
    const view = mapView(
      await loadRealText(`
targets:
  end: ${worker()}
  w.json: { kind: file, path: w.json, maxAge: 1h, producer: end, needs: [end] }
`),
    );
    expect(mapMermaid(view)).toBe(`flowchart LR
  t0["end<br/><small>process</small>"]
  t1["w.json<br/><small>file</small>"]
  t1 -->|needs| t0
  t0 -.->|produces| t1
`);
  });
});

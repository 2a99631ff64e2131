/** The layers of the architecture, top to bottom. A file may import its own layer or one below it, never one above. */
const layers = [
  ["^bin/"],
  ["^workers/"],
  ["^jobs/"],
  ["^src/(cli|web)/"],
  ["^src/views/"],
  ["^src/queues/"],
  ["^src/(store|redis)/"],
  ["^src/look/"],
  ["^src/config/"],
  ["^src/(checks|remedies|alerts)/"],
  ["^src/policy/"],
  ["^src/system/"],
  ["^src/model/"],
  ["^src/lib/"],
];

const upward = layers.slice(1).map((layer, index) => ({
  name: `no-upward-${layer[0].replace(/[^a-z|]/g, "")}`,
  severity: "error",
  from: { path: layer },
  to: { path: layers.slice(0, index + 1).flat() },
}));

/** `healq up` starts the worker processes; it is the one door upward, and only by a lazy import. */
const door = { from: "^bin/", to: "^workers/" };

module.exports = {
  forbidden: [
    { name: "no-cycle", severity: "error", from: {}, to: { circular: true } },
    { name: "no-orphan", severity: "error", from: { orphan: true, pathNot: ["\\.d\\.ts$"] }, to: {} },
    {
      name: "bin-only-cli-and-workers",
      severity: "error",
      from: { path: door.from },
      to: { path: "^(src|jobs)/", pathNot: "^src/(cli|model)/" },
    },
    ...upward,
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: { extensions: [".ts", ".js"] },
  },
};

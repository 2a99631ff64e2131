import * as z from "zod";
import { argv, duration, size } from "../lib/fields.ts";
import { parsePathGlob } from "../lib/path-glob.ts";
import { systemFolder } from "../system/system-folders.ts";

/** Which files may be deleted. */
function pathField() {
  return z.string().transform((text, context) => {
    const glob = parsePathGlob(text);
    const said = "problem" in glob ? glob.problem : systemFolder(glob.root);
    if (!("problem" in glob) && said === undefined) return glob;
    context.addIssue({ code: "custom", message: said ?? "is no path" });
    return z.NEVER;
  });
}

const rule = z.strictObject({
  path: pathField().describe(
    "Absolute path of files, with wildcards: * and ? within a name, ** for any folders. Names with a dot in front match only if the pattern has it.",
  ),
  olderThan: duration().describe("Only files last written longer ago than this."),
  keep: z
    .int()
    .min(0)
    .default(1)
    .describe("The newest so many of the files that match stay, in each folder. Default: 1."),
});

const archive = z.union([
  z.strictObject({
    folder: z
      .string()
      .regex(/^\/./, { error: "must be an absolute path" })
      .describe("The files are put into a new .tar.gz in this folder, on another disk if possible."),
  }),
  z.strictObject({
    run: argv().describe(
      "A program that gets the paths on its standard input, each ended by a NUL character.",
    ),
    timeout: duration().prefault("5m").describe("Its whole group is ended after this. Default: 5m."),
  }),
]);

/** The fields of a `disk` target that say what its cure may delete. */
export const cleanFields = {
  rules: z
    .array(rule)
    .prefault([])
    .describe("What `clean` may delete; a file must fit a rule in all its parts. Default: nothing."),
  maxFiles: z
    .int()
    .min(1)
    .max(10_000)
    .default(1_000)
    .describe("At most so many files are deleted by one application of `clean`. Default: 1000."),
  maxSize: size().prefault("10GB").describe("And at most so many bytes; a larger file stays. Default: 10GB."),
  archive: archive
    .optional()
    .describe("Keeps the files somewhere else before anything is deleted; if that fails nothing is deleted."),
};

const cleanSchema = z.object(cleanFields);

/** What `clean` reads of a target. */
export type CleanSpec = z.output<typeof cleanSchema>;

import { resolve } from "node:path";
import * as z from "zod";
import { type Unit, type UnitFields, unitOf } from "../system/unit.ts";

/** The kinds of units that systemd can start. Source: systemd.unit(5). */
const unitTypes = "service|socket|target|timer|path|mount|automount|swap|slice|scope|device";

/** Begins with a letter, a digit or `_`, so it is no option, and has none of systemctl's patterns (`*`, `?`, `[`). */
function unitName() {
  return z
    .string()
    .max(255)
    .regex(/^[A-Za-z0-9_][A-Za-z0-9:_.\\@-]*$/, { error: "is not a unit's name: nginx.service" })
    .transform((name) => (new RegExp(`\\.(?:${unitTypes})$`).test(name) ? name : `${name}.service`));
}

/** `systemd: nginx.service`, or `{ unit, user: true }`. */
export function systemdField() {
  const long = z.strictObject({
    unit: unitName().describe("The unit; without a suffix it is a service."),
    user: z
      .boolean()
      .default(false)
      .describe(
        "The manager of healq's own user (`systemctl --user`) instead of the system's. Default: false.",
      ),
  });
  return z
    .union([unitName().transform((unit) => ({ unit, user: false })), long], {
      error: "must be a unit's name (nginx.service), or { unit, user }",
    })
    .optional()
    .describe("A unit of systemd, cured by systemctl: its name, or { unit, user: true }.");
}

/** `docker: NAME`. Source: moby, names.go. */
export function dockerField() {
  return z
    .string()
    .max(255)
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, { error: "is not a container's name or id" })
    .optional()
    .describe("A container of Docker by its name, cured by docker.");
}

/** What pm2 would not take for one app: all of them, an id, a namespace's usual name, a file. Source: pm2, CLI and API.js. */
const otherThanApps = /^(?:all|default|\d+|.*\.(?:json|ya?ml|[cm]?js))$/i;

function appName() {
  return z
    .string()
    .max(128)
    .regex(/^[A-Za-z0-9_][A-Za-z0-9_.:@-]*$/, { error: "is not an app's name" })
    .refine((name) => !otherThanApps.test(name), {
      error: "is not one app's name for pm2: all, default, numbers and file names mean something else to it",
    });
}

/** `pm2: NAME`, or `{ name, home }`. */
export function pm2Field() {
  const long = z.strictObject({
    name: appName().describe("The app's name, as `pm2 ls` shows it."),
    home: z
      .string()
      .min(1)
      .optional()
      .describe(
        "PM2_HOME; relative to the config file. Default: that of `user`, else healq's own, else ~/.pm2.",
      ),
  });
  return z
    .union([appName().transform((name) => ({ name, home: undefined })), long], {
      error: "must be an app's name, or { name, home }",
    })
    .optional()
    .describe("An app of pm2, cured by pm2: its name, or { name, home }. With user: whose pm2 it is.");
}

/** The unit of a process target, its paths absolute; undefined when it is none. */
export function unitOfTarget({ spec, base }: { spec: UnitFields; base: string }): Unit | undefined {
  const { pm2 } = spec;
  if (pm2?.home === undefined) return unitOf(spec);
  return unitOf({ ...spec, pm2: { ...pm2, home: resolve(base, pm2.home) } });
}

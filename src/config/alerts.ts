import * as z from "zod";
import { badId, idPattern } from "../lib/fields.ts";
import type { ChannelUse } from "../model/config.ts";
import { checkFields } from "./check-fields.ts";
import { checkValue } from "./check-value.ts";
import { isNotYet } from "./not-yet.ts";
import type { Place } from "./place.ts";
import type { Problems } from "./problem.ts";
import type { Named } from "./registry.ts";
import { oneOf } from "./suggest.ts";
import { unknownName } from "./unknown-name.ts";

/** What every use of a channel has beside the channel's own fields; `channel` itself is read apart. */
export const useFields = {
  from: z
    .enum(["info", "warning", "critical"])
    .describe("Alerts milder than this are not sent to it (default warning)"),
};

type Channels = Named["channels"];

/** The uses of alert channels; none declared means one use of `log`. */
export function readAlerts(place: Place | undefined, channels: Channels, problems: Problems): ChannelUse[] {
  const uses = (place?.children() ?? []).flatMap((use) => readUse(use, channels, problems));
  if (place !== undefined && !place.isMap)
    problems.add(place.at, place.path, "must be a map from a name to { channel: … }");
  return uses.length > 0 ? uses : fallback(channels);
}

function readUse(place: Place, channels: Channels, problems: Problems): ChannelUse[] {
  const id = String(place.path.at(-1));
  if (!idPattern.test(id)) problems.add(place.keyAt, place.path, badId(id));
  if (!place.isMap) {
    problems.add(place.at, place.path, "must be a map: { channel: … }");
    return [];
  }
  const { from = "warning" } = checkFields(useFields, place, problems);
  const channel = channelAt(place, channels, problems);
  if (channel === undefined) return [];
  const own = new Set(place.keys().filter((key) => key !== "channel" && !(key in useFields)));
  const params = checkValue(
    channel.schema,
    { place, only: own, beside: ["channel", ...Object.keys(useFields)] },
    problems,
  );
  return params === undefined ? [] : [{ id, channel: channel.channel, params: params.value, from }];
}

function channelAt(place: Place, channels: Channels, problems: Problems) {
  const field = place.child("channel");
  const names = oneOf([...channels.keys()]);

  if (field === undefined) {
    const path = [...place.path, "channel"];
    if (!problems.knows(path)) problems.add(place.keyAt, path, `is missing; known: ${names}`);
    return undefined;
  }
  const name = field.value;
  if (typeof name !== "string") {
    problems.add(field.at, field.path, `must be ${names}`);
    return undefined;
  }
  const channel = channels.get(name);

  if (channel === undefined) {
    const from = { names: channels.keys(), notYet: isNotYet(name) };
    problems.add(field.at, field.path, unknownName("channel", name, from));
  }
  return channel;
}

/** Alerts always go somewhere. */
function fallback(channels: Channels): ChannelUse[] {
  const params = channels.get("log")?.schema.safeParse({});
  return params?.success === true
    ? [{ id: "log", channel: "log", params: params.data, from: "warning" }]
    : [];
}

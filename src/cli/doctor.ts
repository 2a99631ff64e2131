import { formatProblem } from "../config/problem.ts";
import type { Config } from "../model/config.ts";
import { exitCodes, messageOf } from "../model/errors.ts";
import { counted } from "../policy/words.ts";
import { paint, toneOf } from "../views/colour.ts";
import { visible } from "../views/text.ts";
import type { CommandContext } from "./context.ts";
import { bad, type Diagnosis, fine } from "./diagnosis.ts";
import { diagnoseMachine } from "./doctor-machine.ts";
import { diagnoseRedis } from "./doctor-redis.ts";
import { diagnoseState } from "./doctor-state.ts";
import { diagnoseTargets } from "./doctor-targets.ts";
import { readConfig } from "./load-config.ts";

/** `healq doctor`: is this machine ready? 1 when there is a problem. Changes nothing. */
export async function runDoctor(context: CommandContext): Promise<number> {
  const { config, diagnoses } = await diagnoseConfig(context);
  const found = [
    ...diagnoseMachine(config),
    ...diagnoses,
    ...(config === undefined ? [] : await diagnoseHere(config)),
  ];
  const isReady = found.every((each) => each.level !== "problem");
  if (context.json) context.terminal.json({ ready: isReady, diagnoses: found });
  else print(context, found);
  return isReady ? exitCodes.ok : exitCodes.bad;
}

async function diagnoseHere(config: Config): Promise<Diagnosis[]> {
  return [...(await diagnoseRedis(config)), ...(await diagnoseState(config)), ...diagnoseTargets(config)];
}

async function diagnoseConfig(context: CommandContext): Promise<{ config?: Config; diagnoses: Diagnosis[] }> {
  try {
    const result = await readConfig(context);
    if (!result.ok) {
      return {
        diagnoses: result.problems.map((problem) =>
          bad("config", formatProblem(problem), "correct it; `healq validate` checks it again"),
        ),
      };
    }
    const { config } = result;
    return {
      config,
      diagnoses: [
        fine(
          "config",
          `${context.configFile}: ${counted(config.targets.size, "target")}, this node is ${config.node}`,
        ),
      ],
    };
  } catch (error) {
    return { diagnoses: [bad("config", messageOf(error), "give healq a config")] };
  }
}

function print({ terminal }: CommandContext, found: readonly Diagnosis[]): void {
  const style = terminal.style();
  const width = Math.max(...found.map((each) => each.about.length));
  for (const { about, level, message, fix } of found) {
    terminal.out(
      `${paint(level.padEnd(7), toneOf(level), style)}  ${visible(about).padEnd(width)}  ${visible(message)}\n`,
    );
    if (fix !== null) terminal.out(`${" ".repeat(9 + width + 2)}→ ${visible(fix)}\n`);
  }
  const count = (level: Diagnosis["level"]): number => found.filter((each) => each.level === level).length;
  const verdict = count("problem") === 0 ? "ready" : "not ready";
  terminal.out(
    `\n${verdict}: ${counted(count("problem"), "problem")}, ${counted(count("warning"), "warning")}\n`,
  );
}

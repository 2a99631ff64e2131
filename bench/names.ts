/** The benches in the order in which all are run, with the arguments that make each of them short: to see that it works. */
export const benches: Readonly<Record<string, readonly string[]>> = {
  cli: ["--runs", "3"],
  checks: ["--seconds", "1", "--checks", "20000"],
  http: ["--rounds", "3"],
  throughput: ["--seconds", "1", "--targets", "100,1000"],
  recovery: ["--trials", "2", "--rounds", "1", "--hangs", "1", "--seconds", "10"],
  idle: ["--seconds", "6", "--warmup", "4", "--targets", "10,1000", "--processes", "10"],
};

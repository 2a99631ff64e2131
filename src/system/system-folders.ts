/** Nothing is ever deleted in these, at any depth. */
const whole =
  /^\/(?:etc|bin|sbin|lib|lib32|lib64|libx32|boot|dev|proc|sys)(?:\/|$)|^\/usr(?:\/(?!local\/.)|$)/;

/** Nothing is deleted by a pattern that begins right in these: it would reach too far. */
const tooHigh = /^\/(?:home|lib|media|mnt|opt|root|run|snap|srv|usr|var)?$|^\/var\/lib$/;

/** Why a folder is none in which files may be cleaned away, as the end of a sentence; undefined when it may be. */
export function systemFolder(root: string): string | undefined {
  if (whole.test(root)) return `may not begin in ${root}, a folder of the system itself`;
  if (tooHigh.test(root))
    return `reaches too far: it begins in ${root}; name the folder that may be cleaned, as /var/log/app/*.log does`;
  return undefined;
}

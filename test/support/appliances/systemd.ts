/** Real systemd appliances for tests. README.md beside this file says how to use them. */
export type { Appliance, BootOptions } from "./appliance.ts"
export type { CommandResult } from "./command.ts"
export { createLab, type Lab } from "./lab.ts"
export { ownerPassword } from "./recipe.ts"
export { aptPackages, canBootSystemd } from "./requirements.ts"
export { prepareRootfs } from "./rootfs.ts"

/** Real systemd appliances for tests. README.md beside this file says how to use them. */
export type { Appliance } from "./appliance.ts"
export { createLab, type Lab } from "./lab.ts"
export { ownerPassword } from "./recipe.ts"
export { canBootSystemd } from "./requirements.ts"
export { prepareRootfs } from "./rootfs.ts"

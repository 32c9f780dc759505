/** The runner's state folder on an appliance unless another one is named (DESIGN §6). */
export const DEFAULT_STATE_FOLDER = "/var/lib/hotfix"

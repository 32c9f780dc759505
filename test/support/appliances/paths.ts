import { join } from "node:path"

export const projectFolder = join(import.meta.dirname, "../../..")

/** The packed rootfs, so that a machine builds it once; below the project so that CI can keep it. */
export const cacheFolder = join(projectFolder, ".cache/appliances")

/** Unpacked rootfs and the folders of running labs: on a real disk, owned by root, outside of what watchers scan. */
export const workFolder = "/var/cache/hotfix-appliances"

/** Claims of running labs; gone after a reboot, as are the labs. */
export const claimFolder = "/run/hotfix-appliances"

export const homeserverFixture = join(projectFolder, "test/fixtures/homeserver")

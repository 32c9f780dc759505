// Makes the appliances' file system ahead of the tests that boot it; where that cannot be had, those say why.
import { canBootSystemd, prepareRootfs } from "./systemd.ts"

if (canBootSystemd().ok) await prepareRootfs()

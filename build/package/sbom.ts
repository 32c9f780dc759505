import { Enums, Models, Serialize, SPDX, Spec } from "@cyclonedx/cyclonedx-library"
import type { Piece } from "./pieces.ts"

/**
 * The bill of materials of an installer, CycloneDX 1.6 as JSON: what was bundled, and not the tools that bundled it. The
 * same pieces give the same text: no time, no random number. npm's own `npm sbom` knows the lock file only.
 */
export function makeSbom(product: { name: string; version: string }, pieces: readonly Piece[]): string {
	const bom = new Models.Bom()
	bom.metadata.component = new Models.Component(Enums.ComponentType.Application, product.name, {
		bomRef: "product",
		version: product.version,
	})
	for (const piece of pieces) bom.components.add(makeComponent(piece))
	const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6))
	return `${serializer.serialize(bom, { sortLists: true, space: "\t" })}\n`
}

const TYPES = {
	library: Enums.ComponentType.Library,
	framework: Enums.ComponentType.Framework,
	application: Enums.ComponentType.Application,
} as const

function makeComponent({ kind, name, version, licence, purl, hashes }: Piece): Models.Component {
	const component = new Models.Component(TYPES[kind], name, { bomRef: purl, version, purl })
	component.licenses.add(makeLicence(licence))
	for (const { algorithm, digest } of hashes) component.hashes.set(algorithm as Enums.HashAlgorithm, digest)
	return component
}

function makeLicence(licence: string): Models.License {
	return SPDX.isSupportedSpdxId(licence) ? new Models.SpdxLicense(licence) : new Models.LicenseExpression(licence)
}

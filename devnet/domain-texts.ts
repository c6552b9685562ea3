/** The story's domain: the Solidity sources that `npm ci` brought (@openzeppelin/contracts, MIT), as they lie on the disk. */
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative, sep } from 'node:path'

export type DomainText = {
  /** Path inside the package, with forward slashes. */
  path: string
  content: Uint8Array
}

/** Sources from 400 to 16,000 bytes, ordered by path: enough to say something, small enough for a transaction. */
const SMALLEST = 400
const LARGEST = 16_000

export function smartContractTexts(limit: number): DomainText[] {
  const root = dirname(createRequire(import.meta.url).resolve('@openzeppelin/contracts/package.json'))
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.sol'))
    .map((path) => join(root, path))
    .sort()
  const texts: DomainText[] = []
  for (const path of paths) {
    const content = readFileSync(path)
    if (content.length < SMALLEST || content.length > LARGEST) continue
    texts.push({ path: relative(root, path).split(sep).join('/'), content })
    if (texts.length === limit) break
  }
  return texts
}

/** A near-copy: the same text with one line put before it and its SPDX line reworded, as a lazy copier would do. */
export function nearCopy(text: DomainText): DomainText {
  const source = new TextDecoder().decode(text.content)
  const reworded = `// Reviewed and republished.\n${source.replace('SPDX-License-Identifier: MIT', 'SPDX-License-Identifier: Unlicense')}`
  return { path: `copies/${text.path}`, content: new TextEncoder().encode(reworded) }
}

/** What the application asks. Each is answerable from some source of the domain. */
export const QUESTIONS = [
  'How does an ERC20 token check and spend the allowance of an owner in transferFrom?',
  'Which function of a merkle proof library verifies that a leaf is part of a tree?',
  'How does ReentrancyGuard stop a nested call into a nonReentrant function?',
  'How does the ERC20 permit function verify an EIP-712 signature and its deadline?',
  'How is a minimal proxy clone deployed deterministically with create2?',
  'What does the timelock controller do before it executes a scheduled operation?',
  'How does an upgradeable proxy read its implementation address from the ERC-1967 slot?',
  'How does AccessControl grant and revoke a role for an account?',
  'How does ERC721 check that the receiver of a safe transfer accepts tokens?',
  'How does the governor count votes for, against and abstain?',
  'How does ERC4626 convert assets to shares and round the result?',
  'How does ECDSA recover the signer and reject malleable signatures with a high s value?',
] as const

/** The story's domain: the Solidity sources that `npm ci` brought (@openzeppelin/contracts, MIT), as they lie on the disk. */
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative, sep } from 'node:path'
import { sourceParts } from './source-parts.ts'

export type DomainText = {
  /** Path inside the package, with forward slashes. */
  path: string
  content: Uint8Array
}

/** Sources of so many bytes are contributed whole: enough to say something, small enough for a transaction. */
const SMALLEST = 400
const LARGEST = 4_500
/** Longer ones that are contributed in parts, of at most so many characters each. */
const LARGEST_PART = 2_500
const IN_PARTS = new Set([
  'access/AccessControl.sol',
  'governance/TimelockController.sol',
  'proxy/Clones.sol',
  'token/ERC20/ERC20.sol',
  'token/ERC20/extensions/ERC4626.sol',
  'token/ERC721/ERC721.sol',
  'utils/cryptography/ECDSA.sol',
  'utils/cryptography/MerkleProof.sol',
  'utils/structs/EnumerableSet.sol',
])

/** At most `limit` texts of at most `largest` bytes, by path, the parts of a source in its order (`path#1`, `path#2`, …). */
export function smartContractTexts(limit: number, largest = LARGEST): DomainText[] {
  const root = dirname(createRequire(import.meta.url).resolve('@openzeppelin/contracts/package.json'))
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.sol'))
    .map((path) => join(root, path))
    .sort()
  const texts: DomainText[] = []
  for (const path of paths) {
    const found = textsOf(relative(root, path).split(sep).join('/'), readFileSync(path))
    texts.push(...found.filter(({ content }) => content.length <= largest))
    if (texts.length >= limit) break
  }
  return texts.slice(0, limit)
}

function textsOf(path: string, content: Uint8Array): DomainText[] {
  if (content.length < SMALLEST) return []
  if (content.length <= LARGEST) return [{ path, content }]
  if (!IN_PARTS.has(path)) return []
  return sourceParts(new TextDecoder().decode(content), LARGEST_PART)
    .map((part, index) => ({ path: `${path}#${index + 1}`, content: new TextEncoder().encode(part) }))
    .filter((part) => part.content.length >= SMALLEST)
}

/** A near-copy: the same text with one line put before it and its SPDX line reworded, as a lazy copier would do. */
export function nearCopy(text: DomainText): DomainText {
  const source = new TextDecoder().decode(text.content)
  const reworded = `// Reviewed and republished.\n${source.replace('SPDX-License-Identifier: MIT', 'SPDX-License-Identifier: Unlicense')}`
  return { path: `copies/${text.path}`, content: new TextEncoder().encode(reworded) }
}

/**
 * What the application asks: beginnings that a model of code can go on with, a comment and the head of a function
 * that some source of the domain is about. The first ones are about sources that the shortest story has, too.
 */
export const QUESTIONS: readonly string[] = [
  beginning('Gives `role` to `account`, and emits an event where the account did not have it yet.', [
    'function _grantRole(bytes32 role, address account) internal virtual returns (bool) {',
  ]),
  beginning('The pending owner accepts, and becomes the owner.', ['function acceptOwnership() public virtual {']),
  beginning('Reverts with an error that names account and role, where the account does not have the role.', [
    'function _checkRole(bytes32 role, address account) internal view virtual {',
  ]),
  beginning('Moves `value` tokens between two accounts by the allowance of the caller.', [
    'function transferFrom(address from, address to, uint256 value) public virtual returns (bool) {',
  ]),
  beginning('Whether `leaf` belongs to the tree of this `root`, by the hashes of a proof.', [
    'function verify(bytes32[] memory proof, bytes32 root, bytes32 leaf) internal pure returns (bool) {',
  ]),
  beginning('Refuses a call into a guarded function while another one runs.', ['modifier nonReentrant() {']),
  beginning('Deploys a minimal proxy at an address that follows from `salt`.', [
    'function cloneDeterministic(address implementation, bytes32 salt) internal returns (address instance) {',
  ]),
  beginning('Runs a scheduled operation once its delay is over.', [
    'function execute(address target, uint256 value, bytes calldata payload, bytes32 predecessor, bytes32 salt)',
    '    public payable virtual {',
  ]),
  beginning('The address of the implementation, from its storage slot.', [
    'function _implementation() internal view virtual override returns (address) {',
  ]),
  beginning('Shares for an amount of assets, rounded as asked.', [
    'function _convertToShares(uint256 assets, Math.Rounding rounding) internal view virtual returns (uint256) {',
  ]),
  beginning('Whether an account may use a token: its owner, one approved for it, or an operator.', [
    'function _isAuthorized(address owner, address spender, uint256 tokenId) internal view virtual returns (bool) {',
  ]),
  beginning('Recovers who signed `hash`; signatures that others could alter are refused.', [
    'function recover(bytes32 hash, bytes memory signature) internal pure returns (address) {',
  ]),
]

/** Without a new line at its end: a tokenizer joins it with what follows, and a model that sees it alone takes the body for empty. */
function beginning(comment: string, head: string[]): string {
  return ['/**', ` * @dev ${comment}`, ' */', ...head].map((line) => `    ${line}`).join('\n')
}

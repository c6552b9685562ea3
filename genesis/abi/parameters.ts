import { parseAbi } from 'viem'

/** Parameters (native contract 06): every governed number (genesis/parameters.ts). docs/protocol.md, "Parameters". */
export const parametersAbi = parseAbi([
  'function get(uint16 id) view returns (uint256 value)',
  'function set(uint16 id, uint256 value)',
  'function governor() view returns (address)',

  'event ParameterSet(uint16 indexed id, uint256 oldValue, uint256 newValue)',

  'error UnknownParameter(uint16 id)',
  'error InvalidField(string field, string reason)',
  'error NotGovernor(address caller, address governor)',
  'error OutOfRange(uint16 id, uint256 value, string rule)',
])

import { asAccount } from '../../src/protocol/names.ts';
import { openVault } from '../../src/storage/vault.ts';
import { vaultContract } from '../contracts/vault.ts';

vaultContract('memory', async () => (await openVault({ mode: 'memory', account: asAccount('unit') })).vault);

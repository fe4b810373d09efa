import { asAccount } from '../../src/protocol/names.ts';
import { openVault } from '../../src/storage/vault.ts';
import { alarmIndexContract } from '../contracts/alarm-index.ts';
import { historyContract } from '../contracts/history.ts';
import { vaultContract } from '../contracts/vault.ts';

const createVault = async () => (await openVault({ mode: 'memory', account: asAccount('unit') })).vault;

vaultContract('memory', createVault);
historyContract('memory', createVault);
alarmIndexContract('memory', createVault);

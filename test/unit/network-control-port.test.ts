import { controlContract } from '../contracts/control-port.ts';

controlContract('node');

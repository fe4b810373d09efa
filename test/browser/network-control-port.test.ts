import { controlContract } from '../contracts/control-port.ts';

controlContract('a browser');

import type { RestHandlers } from '../../platform/http/index.ts';
import { ProtocolError } from '@confab/protocol';

const absent = () => Promise.reject(new ProtocolError('not_enabled'));

export function sanctionRoutes(): RestHandlers<
  | 'sanction'
  | 'liftSanction'
  | 'sanctions'
  | 'appeal'
  | 'appealBan'
  | 'appeals'
  | 'decideAppeal'
  | 'moderatedUser'
  | 'noteUser'
  | 'removeMessages'
> {
  return {
    sanction: absent,
    liftSanction: absent,
    sanctions: absent,
    appeal: absent,
    appealBan: absent,
    appeals: absent,
    decideAppeal: absent,
    moderatedUser: absent,
    noteUser: absent,
    removeMessages: absent,
  };
}

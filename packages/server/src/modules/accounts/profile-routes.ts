/** What one shows and sets, and taking it along. */
import type { RestHandlers } from '../../platform/http/index.ts';
import type { Core } from './core.ts';
import { addDevice } from './devices.ts';
import * as devices from './device-rows.ts';
import { createExport } from './export.ts';
import { deactivate, deleteAccount } from './leaving.ts';
import { updateProfile } from './profile.ts';
import { settingsOf, updateSettings } from './settings.ts';

type Routes = RestHandlers<
  | 'updateProfile'
  | 'settings'
  | 'updateSettings'
  | 'devices'
  | 'addDevice'
  | 'removeDevice'
  | 'exportData'
  | 'deactivate'
  | 'deleteAccount'
>;

export function profileRoutes(core: Core): Routes {
  const exportData = createExport(core);
  return {
    updateProfile: ({ actor, body }) => updateProfile(core, actor, body),
    settings: ({ actor }) => settingsOf(core.db, actor.userId),
    updateSettings: ({ actor, body }) => updateSettings(core, actor, body),

    devices: async ({ actor }) => ({ devices: await devices.devices(core.db, actor.userId) }),
    addDevice: ({ actor, body }) => addDevice(core, actor, body),
    removeDevice: ({ actor, params }) => devices.remove(core.db, actor.userId, params.deviceId),

    exportData: ({ actor, call }) => exportData(actor.userId, call.ip),
    deactivate: ({ actor, call }) => deactivate(core, actor, call.ip),
    deleteAccount: ({ actor, body, call }) => deleteAccount(core, actor, body.username, call.ip),
  };
}

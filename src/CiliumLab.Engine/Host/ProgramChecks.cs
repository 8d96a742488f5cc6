using CiliumLab.Engine.Providers.Vagrant;
using CiliumLab.Model;

namespace CiliumLab.Engine.Host;

/// <summary>VirtualBox and Vagrant: there, new enough, and for each other.</summary>
internal static class ProgramChecks
{
    private static readonly Version OldestVirtualBox = new(6, 1, 28);

    // From Vagrant's changelog: the version that came to know each VirtualBox.
    private static readonly (Version VirtualBox, Version Vagrant)[] Pairs =
        [(new(7, 2), new(2, 4, 9)), (new(7, 1), new(2, 4, 2)), (new(7, 0), new(2, 3, 2)), (new(6, 1), VagrantVersion.Oldest)];

    /// <summary>VirtualBox.</summary>
    public static HostFinding VirtualBox(LocalHost host, VirtualBox? box)
    {
        var required = $"{OldestVirtualBox} or later";
        var install = Remedies.Install(host, HostPackage.VirtualBox);
        return box switch
        {
            null => HostFinding.Failed("VirtualBox", "not installed", required, install),
            { Version: null } => HostFinding.Failed("VirtualBox", LocalProgram.FirstLine(box.Said), required, install),
            { Version: { } version } when version < OldestVirtualBox => HostFinding.Failed("VirtualBox", box.VersionText, required, Remedies.Update(host, HostPackage.VirtualBox)),
            _ => HostFinding.Passed("VirtualBox", box.VersionText, required),
        };
    }

    /// <summary>Vagrant.</summary>
    public static async Task<HostFinding> VagrantAsync(LocalHost host, VirtualBox? box, CancellationToken cancellationToken)
    {
        var release = box?.Version is { } version ? new Version(version.Major, version.Minor) : null;
        var pair = Pairs.FirstOrDefault(pair => pair.VirtualBox == release);
        var needed = pair.Vagrant ?? VagrantVersion.Oldest;
        var required = pair.Vagrant is null ? $"{needed} or later" : $"{needed} or later, for VirtualBox {release}";
        var install = Remedies.Install(host, HostPackage.Vagrant);
        try
        {
            var found = await VagrantVersion.FindAsync(host, cancellationToken).ConfigureAwait(false);
            if (found is not var (_, vagrant))
                return HostFinding.Failed("Vagrant", "not installed", required, install);
            if (vagrant < needed)
                return HostFinding.Failed("Vagrant", vagrant.ToString(), required, Remedies.Update(host, HostPackage.Vagrant));
            return release > Pairs[0].VirtualBox
                ? HostFinding.Warned("Vagrant", vagrant.ToString(), $"a version that knows VirtualBox {release}", "See Vagrant's changelog: https://github.com/hashicorp/vagrant/releases")
                : HostFinding.Passed("Vagrant", vagrant.ToString(), required);
        }
        catch (LabException error)
        {
            return HostFinding.Failed("Vagrant", LocalProgram.FirstLine(error.Message), required, install);
        }
    }
}

using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Nodes.Ssh;

namespace CiliumLab.Tests.Integration;

/// <summary>Sessions on the real nodes, each with pinned host keys of its own.</summary>
internal static class LabShells
{
    /// <summary>Opens a session whose state lies in a fresh folder of the lab's.</summary>
    public static LabSession Session(this NodeLab lab, string user = "vagrant", string? key = null, SshCredential? credential = null, params NodePort[] through)
    {
        var folder = Directory.CreateDirectory(Path.Combine(lab.Folder, "session-" + Guid.NewGuid().ToString("N"))).FullName;
        return lab.SessionIn(folder, user, key, credential, through);
    }

    /// <summary>Opens a session whose state lies in a folder, where an earlier one may have left host keys.</summary>
    public static LabSession SessionIn(
        this NodeLab lab, string folder, string user = "vagrant", string? key = null, SshCredential? credential = null, params NodePort[] through)
    {
        var inventory = lab.InventoryFile(user, key, through);
        return LabSessionFactory.Open(LabYaml.Read(File.ReadAllText(inventory), inventory, "real"), folder, credential ?? SshCredential.None);
    }
}

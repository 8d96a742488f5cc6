using CiliumLab.Simulator.Nodes.Files;

namespace CiliumLab.Simulator.Nodes;

/// <summary>An account of a node.</summary>
internal sealed record NodeUser(string Name, int Id, string Home)
{
    /// <summary>Who may do everything.</summary>
    public static NodeUser Root { get; } = new("root", 0, "/root");

    /// <summary>Who Vagrant logs in as.</summary>
    public static NodeUser Vagrant { get; } = new("vagrant", 1000, "/home/vagrant");

    /// <summary>Whether it is root.</summary>
    public bool IsRoot => Id == 0;

    /// <summary>The account of a name; null when the node has none.</summary>
    public static NodeUser? Find(string name) => name switch
    {
        "root" => Root,
        "vagrant" => Vagrant,
        _ => null,
    };

    /// <summary>Whether it may read an entry.</summary>
    public bool MayRead(FileEntry entry) => Has(entry, 4);

    /// <summary>Whether it may change an entry.</summary>
    public bool MayWrite(FileEntry entry) => Has(entry, 2);

    /// <summary>Whether it may run a file or go through a folder.</summary>
    public bool MayExecute(FileEntry entry) => IsRoot ? entry is Folder || (entry.Mode & 0b001_001_001) != 0 : Has(entry, 1);

    private bool Has(FileEntry entry, int bit) =>
        IsRoot || ((entry.Owner == Name ? entry.Mode >> 6 : entry.Group == Name ? entry.Mode >> 3 : entry.Mode) & bit) != 0;
}

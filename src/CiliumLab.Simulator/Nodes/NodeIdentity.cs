namespace CiliumLab.Simulator.Nodes;

/// <summary>What a machine is, and what its firmware says.</summary>
internal sealed record NodeIdentity
{
    /// <summary>/etc/machine-id.</summary>
    public required string MachineId { get; init; }

    /// <summary>Changes at each boot.</summary>
    public required string BootId { get; init; }

    public string Chassis { get; init; } = "vm";

    public string IconName { get; init; } = "computer-vm";

    public string Virtualization { get; init; } = "oracle";

    public string OperatingSystem { get; init; } = SystemDefaults.OperatingSystem;

    public string HomeUrl { get; init; } = "https://www.ubuntu.com/";

    public string Architecture { get; init; } = "x86-64";

    public string HardwareVendor { get; init; } = "innotek GmbH";

    public string HardwareModel { get; init; } = "VirtualBox";

    public string FirmwareVersion { get; init; } = "VirtualBox";

    public string FirmwareVendor { get; init; } = "innotek GmbH";

    public DateTimeOffset FirmwareDate { get; init; } = new(2006, 12, 1, 0, 0, 0, TimeSpan.Zero);

    public int Processors { get; init; } = 2;

    /// <summary>Bytes of memory.</summary>
    public ulong Memory { get; init; } = 2_006_929_408;
}

/// <summary>Names and addresses of a link's resolvers, as systemd-resolved keeps them.</summary>
internal sealed record LinkDns(string Interface)
{
    /// <summary>Whether names without a domain of another link are asked there.</summary>
    public bool DefaultRoute { get; init; }

    /// <summary>The resolvers.</summary>
    public IReadOnlyList<string> Servers { get; init; } = [];

    /// <summary>The resolver in use; null for none.</summary>
    public string? CurrentServer { get; init; }

    /// <summary>Search domains.</summary>
    public IReadOnlyList<string> Domains { get; init; } = [];
}

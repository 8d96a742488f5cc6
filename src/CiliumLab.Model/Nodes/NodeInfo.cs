namespace CiliumLab.Model;

/// <summary>What a node is: its name, system, kernel, hardware, and since when it runs.</summary>
public sealed record NodeInfo
{
    /// <summary>The node's name in its lab; null when the text's origin is not known.</summary>
    public string? Node { get; init; }

    /// <summary>The host name that the node itself uses; null when the text does not say.</summary>
    public string? Hostname { get; init; }

    /// <summary>The host name from /etc/hostname; null when it is not known.</summary>
    public string? StaticHostname { get; init; }

    /// <summary>The operating system's name and version.</summary>
    public string? OperatingSystem { get; init; }

    /// <summary>The kernel's release, as <c>uname -r</c> prints it.</summary>
    public string? KernelVersion { get; init; }

    /// <summary>The processor architecture as the node writes it: <c>x86-64</c> by hostnamectl, <c>x86_64</c> by uname.</summary>
    public string? Architecture { get; init; }

    /// <summary>The hypervisor or container engine that it runs in; null when it is not known, <c>none</c> on bare metal.</summary>
    public string? Virtualization { get; init; }

    /// <summary>The kind of machine: <c>vm</c>, <c>container</c>, <c>server</c>, <c>laptop</c>.</summary>
    public string? Chassis { get; init; }

    /// <summary>The installation's identifier.</summary>
    public Guid? MachineId { get; init; }

    /// <summary>The identifier of this run of the kernel.</summary>
    public Guid? BootId { get; init; }

    /// <summary>Who made the machine.</summary>
    public string? HardwareVendor { get; init; }

    /// <summary>What its maker calls the machine.</summary>
    public string? HardwareModel { get; init; }

    /// <summary>The firmware's version.</summary>
    public string? FirmwareVersion { get; init; }

    /// <summary>The firmware's date.</summary>
    public DateOnly? FirmwareDate { get; init; }

    /// <summary>When the kernel started; null when the text does not say.</summary>
    public DateTimeOffset? BootTime { get; init; }

    /// <summary>How long the kernel had been running when it was asked; null when the text does not say.</summary>
    public TimeSpan? Uptime { get; init; }
}

namespace CiliumLab.Model;

/// <summary>What a machine of Vagrant's does.</summary>
public enum VagrantMachineState
{
    /// <summary>A word that this module does not know; <see cref="VagrantMachine.StateText"/> has it.</summary>
    Other,

    /// <summary>There is no such machine.</summary>
    NotCreated,

    /// <summary>It runs.</summary>
    Running,

    /// <summary>It is switched off.</summary>
    PowerOff,

    /// <summary>It sleeps on disk.</summary>
    Saved,

    /// <summary>It stands still in memory.</summary>
    Paused,

    /// <summary>It ended without being switched off.</summary>
    Aborted,

    /// <summary>Its files are gone or cannot be read.</summary>
    Inaccessible,
}

/// <summary>A machine as <c>vagrant status</c> tells of it.</summary>
public sealed record VagrantMachine
{
    /// <summary>The machine's name in its Vagrantfile.</summary>
    public required string Node { get; init; }

    /// <summary>What it does.</summary>
    public VagrantMachineState State { get; init; }

    /// <summary>Vagrant's own word for that.</summary>
    public required string StateText { get; init; }

    /// <summary>The provider that has the machine, such as <c>virtualbox</c>; null when the output does not say.</summary>
    public string? VagrantProvider { get; init; }
}

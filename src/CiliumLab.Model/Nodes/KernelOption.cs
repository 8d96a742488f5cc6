namespace CiliumLab.Model;

/// <summary>How a kernel was configured for an option.</summary>
public enum KernelOptionState
{
    /// <summary>Not a part of the kernel (<c># CONFIG_X is not set</c>, or <c>=n</c>).</summary>
    NotSet,

    /// <summary>Built as a module (<c>=m</c>).</summary>
    Module,

    /// <summary>Built into the kernel (<c>=y</c>).</summary>
    BuiltIn,

    /// <summary>A text or a number; <see cref="KernelOption.Value"/> has it.</summary>
    Value,
}

/// <summary>A line of a kernel's build configuration.</summary>
public sealed record KernelOption
{
    /// <summary>The node; null when the text's origin is not known.</summary>
    public string? Node { get; init; }

    /// <summary>The option's name with its <c>CONFIG_</c>.</summary>
    public required string Name { get; init; }

    /// <summary>How it was configured.</summary>
    public required KernelOptionState State { get; init; }

    /// <summary>What stands behind the equals sign, without quotes; null when the option is not set.</summary>
    public string? Value { get; init; }
}

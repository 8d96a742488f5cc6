using System.Net;
using CiliumLab.Engine.Text;

namespace CiliumLab.Engine.Host;

/// <summary>The operating systems that differ for this module.</summary>
internal enum HostPlatform
{
    Linux,
    MacOS,
    Windows,
}

/// <summary>The computer that the lab's machines are to run on. A test gives another platform, another root and other programs.</summary>
internal sealed class LocalHost
{
    /// <summary>This computer.</summary>
    public static LocalHost Here { get; } = new();

    /// <summary>The operating system.</summary>
    public HostPlatform Platform { get; init; } =
        OperatingSystem.IsWindows() ? HostPlatform.Windows : OperatingSystem.IsMacOS() ? HostPlatform.MacOS : HostPlatform.Linux;

    /// <summary>Where files such as /etc/vbox/networks.conf begin.</summary>
    public string Root { get; init; } = "/";

    /// <summary>The folders that programs are looked for in; null for those of the PATH, which may change while this process runs.</summary>
    public IReadOnlyList<string>? ProgramFolders { get; init; }

    /// <summary>Whether changes need no sudo.</summary>
    public bool IsRoot { get; init; } = Environment.IsPrivilegedProcess;

    /// <summary>The IPv4 addresses of this computer and their interfaces.</summary>
    public Func<IEnumerable<(string Interface, IPAddress Address)>> Addresses { get; init; } = NetworkChecks.AddressesHere;

    /// <summary>The bytes that are free where a folder is, or will be.</summary>
    public Func<string, long> FreeSpace { get; init; } = RoomChecks.FreeSpaceHere;

    /// <summary>The file of a program; null when there is none.</summary>
    /// <param name="name">The program's name without an ending.</param>
    /// <param name="alsoIn">Folders outside the PATH that its installer uses.</param>
    public string? Find(string name, params IEnumerable<string?> alsoIn)
    {
        string[] endings = Platform == HostPlatform.Windows && OperatingSystem.IsWindows() ? [".exe", ".cmd", ".bat"] : [""];
        var folders = ProgramFolders ?? (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return folders.Concat(alsoIn.OfType<string>())
            .SelectMany(folder => endings.Select(ending => Path.Combine(folder, name + ending)))
            .FirstOrDefault(File.Exists);
    }

    /// <summary>A file's path below the root.</summary>
    public string At(string path) => Path.Join(Root, path);

    /// <summary>A file's text; null when it is not there or not readable.</summary>
    public string? Read(string path)
    {
        try
        {
            return File.ReadAllText(At(path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>A field of /etc/os-release, such as <c>ID</c>; null where there is none.</summary>
    public string? Distribution(string field) => EnvironmentFile.Parse(Read("/etc/os-release") ?? "").Find(field)?.Value;

    /// <summary>Runs a program to its end.</summary>
    public static Task<LocalResult> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        LocalProgram.RunAsync(new LocalCommand(program, arguments), null, cancellationToken);
}
